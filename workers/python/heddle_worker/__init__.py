"""The Python worker: loads a user's LangGraph graphs and executes runs.

It runs in the user's own interpreter and speaks the protocol that
`docs/worker-protocol.md` describes over an inherited socket. The server is the
authority; nothing in this process is worth keeping.
"""

PROTOCOL = 1
