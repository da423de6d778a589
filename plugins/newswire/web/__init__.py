"""The guarded web: every request of Newswire goes through `client.Web`.

client     Web, for threads          turns     one host, one request at a time, with a gap
async_web  redirects, hop by hop     robots    what robots.txt allows
exchange   one request, one answer   guard     addresses that are asked, as text
decoding   content codings           doors     name lookup and sockets that refuse what is not public
request    Request, Limits, settings addresses which IP addresses are public
"""
