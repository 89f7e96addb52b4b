"""The one error of the audit: the target or a request is wrong. Its message is the sentence that the user sees."""


class AuditError(Exception):
    pass
