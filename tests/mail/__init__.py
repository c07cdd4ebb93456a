"""Mail and alerts, through a real mail server and real workers."""
