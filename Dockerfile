# The gateway as an image: one stage builds from the lock files, the other only runs what came out.
#   docker build -t lapor-gateway .
#   docker run -v lapor:/var/lib/lapor-gateway lapor-gateway init
#   docker run -v lapor:/var/lib/lapor-gateway lapor-gateway db upgrade
#   docker run -v lapor:/var/lib/lapor-gateway -p 127.0.0.1:8000:8000 lapor-gateway

FROM python:3.13-slim AS build
ENV PIP_DISABLE_PIP_VERSION_CHECK=1 PIP_NO_CACHE_DIR=1 PIP_NO_INPUT=1
WORKDIR /build
# The lock files first: a change of code alone does not install everything anew.
COPY requirements requirements
RUN python -m venv /opt/lapor-gateway
RUN /opt/lapor-gateway/bin/pip install --require-hashes --no-deps -r requirements/runtime.txt
RUN python -m venv /opt/builder
RUN /opt/builder/bin/pip install --require-hashes --no-deps -r requirements/build.txt
COPY pyproject.toml LICENSE ./
COPY src src
COPY migrations migrations
COPY connectors connectors
RUN /opt/builder/bin/hatchling build -t wheel -d dist
RUN /opt/lapor-gateway/bin/pip install --no-deps --no-index dist/*.whl
RUN /opt/lapor-gateway/bin/pip uninstall --yes pip

FROM python:3.13-slim
RUN useradd --uid 10001 --create-home --home-dir /var/lib/lapor-gateway lapor
COPY --from=build /opt/lapor-gateway /opt/lapor-gateway
ENV PATH=/opt/lapor-gateway/bin:$PATH \
    PYTHONUNBUFFERED=1 \
    PYTHONDONTWRITEBYTECODE=1 \
    LAPOR_GATEWAY_DATA_DIR=/var/lib/lapor-gateway/data
USER lapor
WORKDIR /var/lib/lapor-gateway
VOLUME /var/lib/lapor-gateway
EXPOSE 8000
HEALTHCHECK --interval=30s --timeout=5s --start-period=30s --retries=3 \
  CMD ["python", "-c", "import urllib.request; urllib.request.urlopen('http://127.0.0.1:8000/healthz', timeout=4)"]
ENTRYPOINT ["lapor-gateway"]
# Until a key exists (`keys create`), serve answers on loopback only, inside the container, and says so.
CMD ["serve", "--host", "0.0.0.0", "--port", "8000"]
