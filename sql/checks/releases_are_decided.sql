-- warning: a changed topic has waited for more than a day for somebody's approval; the version before stays in force
SELECT release.topic, release.proposed_at, release.share
FROM mart.topic_releases AS release
WHERE release.outcome = 'waiting' AND release.proposed_at < now() - interval '1 day';
