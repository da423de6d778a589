-- warning: this machine is cut off: most hosts cannot be reached, and nothing is polled or fetched until one is
SELECT network.down_since, network.probed_at
FROM ops.network AS network
WHERE network.down_since IS NOT NULL;
