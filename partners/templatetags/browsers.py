"""A template filter that names the browser and the system of a session."""

from django import template

register = template.Library()

# What a user agent contains, and what that is called. The first match counts: most browsers claim to be others too.
BROWSERS = (
    ("Edg", "Edge"),
    ("OPR/", "Opera"),
    ("SamsungBrowser", "Samsung Internet"),
    ("Firefox", "Firefox"),
    ("FxiOS", "Firefox"),
    ("Chrome", "Chrome"),
    ("CriOS", "Chrome"),
    ("Safari", "Safari"),
)
SYSTEMS = (
    ("iPhone", "iPhone"),
    ("iPad", "iPad"),
    ("Android", "Android"),
    ("CrOS", "ChromeOS"),
    ("Windows", "Windows"),
    ("Macintosh", "Mac"),
    ("Linux", "Linux"),
)


@register.filter
def browser(user_agent: str) -> str:
    """“Chrome on Linux”, from what the browser says of itself."""
    name = next((name for token, name in BROWSERS if token in user_agent), "An unknown browser")
    system = next((name for token, name in SYSTEMS if token in user_agent), "")
    return f"{name} on {system}" if system else name
