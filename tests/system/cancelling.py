"""Runs in the states that cancel tests need."""


def executing(api, marks, slow, graph="slow", thread=None, **body):
    """A run that is in its node `work`. @returns thread, run"""
    thread = thread or api.thread()
    run = api.run(thread, graph, slow, **body)
    marks.await_("work")
    return thread, run


def deferred(api, marks, thread=None, **body):
    """A run that will not start while a test looks. @returns thread, run"""
    thread = thread or api.thread()
    body = {"after_seconds": 3600} | body
    run = api.run(thread, "slow", {"secs": 1, "mark": str(marks)}, **body)
    return thread, run


def finished(api, thread=None):
    """A run that has succeeded. @returns thread, run"""
    thread = thread or api.thread()
    api.wait(thread, "noop", {})
    return thread, api.runs(thread)[0]["run_id"]


def counted(thread, *runs):
    """The body that cancels these runs of a thread."""
    return {"thread_id": thread, "run_ids": list(runs)}
