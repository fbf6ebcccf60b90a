"""A simulated SP4N-LAPOR! endpoint (dialect lapor-v3) that can fail in every way the real one may.

Run it with `python -m lapor_gateway.simulators.national`; `--help` says what it can do. Its contract is
`openapi/lapor-v3.yaml`, its facts are those of public client code; what nobody outside knows (error
bodies, limits, lag) is an option.
"""
