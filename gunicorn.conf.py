"""What gunicorn reads when it starts here, besides its command line."""

# A proxy says nothing about the path; gunicorn would believe SCRIPT_NAME by default.
forwarder_headers = ""
