"""The newsroom: a local web server with publications written for this project, for the demo, tests and benches.

model         publications, their manuscripts, and the ledger that says what each should come to
publications  the samples, read from `publications/*.yaml`
generator     editions of any size, made from `grammars/*.yaml`
annals        four papers with a past, each keeping it in another way
captures      real feeds and pages from a folder
timeline      in which order articles appear
press         what is published so far, and what the hosts answer
server        HTTP: any host on one port of loopback
running       a server in a thread, for tests
"""
