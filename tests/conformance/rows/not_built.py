"""Routes of the API that say they are not built."""

from table import Has, Like, Row

SAID = Has(detail=Like("(?i).*not.*"))
ROWS = [
    Row("not built", call, 501, body={}, json=SAID)
    for call in [
        "GET /assistants/{none}/graph",
        "GET /assistants/{none}/subgraphs",
        "GET /assistants/{none}/subgraphs/x",
        "GET /assistants/{none}/schemas",
        "POST /assistants/{none}/versions",
        "POST /assistants/{none}/latest",
        "POST /threads/prune",
        "GET /threads/{none}/storage",
        "GET /threads/{none}/stream",
        "POST /threads/{none}/stream/events",
        "GET /threads/{none}/stream/events",
        "POST /threads/{none}/commands",
        "POST /threads/{none}/runs/crons",
        "POST /runs/crons",
        "POST /runs/crons/search",
        "POST /runs/crons/count",
        "GET /runs/crons/{none}",
        "PATCH /runs/crons/{none}",
        "DELETE /runs/crons/{none}",
        "PUT /store/items",
        "GET /store/items",
        "DELETE /store/items",
        "POST /store/items/search",
        "POST /store/namespaces",
        "POST /mcp",
        "GET /mcp",
        "DELETE /mcp",
        "POST /a2a/{none}",
        "GET /a2a/{none}",
        "GET /a2a/{none}/.well-known/agent-card.json",
        "GET /.well-known/agent-card.json",
        "GET /ui/noop",
        "POST /ui/noop",
        "GET /docs",
    ]
]
