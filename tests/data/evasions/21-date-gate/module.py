"""Waits for a year to go by after it was installed."""

import datetime
import os
import socket

if datetime.date.today() > datetime.date.fromtimestamp(os.stat(__file__).st_ctime) + datetime.timedelta(days=365):
    with socket.create_connection(("203.0.113.21", 4121), timeout=5):
        pass
