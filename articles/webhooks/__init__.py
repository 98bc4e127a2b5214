"""Webhooks: programs elsewhere are told what becomes of live articles.

    note      the verbs write what is to be told in their own transaction, for each webhook that wants it
    deliver   a process of its own sends what is due, tries again what was not accepted, and gives up after days
    sign      by the Standard Webhooks specification, so that receivers can check who sent it, and when
    guard     and never to an address inside the operator's network

docs/webhooks.md says what receivers are promised.
"""
