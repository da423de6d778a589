"""What whoever runs Newswire does with it: look what is wrong, back up and restore, change the secrets.

site.py       one installation: where its databases, archive and secrets are
doctor.py     what is wrong with it, and the mend
backup.py     a copy of all that cannot be made again;  restore.py puts it into an empty installation
rotation.py   new passwords and keys
"""
