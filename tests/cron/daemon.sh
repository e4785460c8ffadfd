# A cron daemon with folders of its own in the place of the machine's: its crontabs, its pid, its mail. $1: their folder.
set -eu
mkdir -p "$1/spool/crontabs" "$1/cron.d" "$1/run" "$1/sbin" "$1/mail"
: >"$1/crontab"
cp /usr/sbin/cron "$1/sbin/"
printf '#!/bin/sh\nexec cat >"%s/mail/$$"\n' "$1" >"$1/sbin/sendmail"
chmod +x "$1/sbin/sendmail"
mount --make-rprivate /
mount --bind "$1/spool" /var/spool/cron
mount --bind "$1/cron.d" /etc/cron.d
mount --bind "$1/crontab" /etc/crontab
mount --bind "$1/run" /run
mount --bind "$1/sbin" /usr/sbin
shift
"$@"
exec cron -f
