# Yiwen as a service: slim, not root, nothing written but to /data and /tmp.
FROM python:3.11-slim-bookworm AS build
WORKDIR /src
COPY constraints.txt pyproject.toml README.md LICENSE gradio_app.py ./
COPY model model
COPY data data
COPY training training
COPY eval eval
COPY serving serving
RUN python -m venv /opt/yiwen \
    && /opt/yiwen/bin/pip install --no-cache-dir -c constraints.txt ".[serve,postgres]"

FROM python:3.11-slim-bookworm
RUN useradd --uid 10001 --create-home --shell /usr/sbin/nologin yiwen \
    && install -d -o yiwen -g yiwen -m 700 /data
COPY --from=build /opt/yiwen /opt/yiwen
ENV PATH=/opt/yiwen/bin:$PATH \
    YIWEN_HOME=/data \
    PYTHONDONTWRITEBYTECODE=1 \
    PYTHONUNBUFFERED=1
USER 10001:10001
VOLUME /data
EXPOSE 7861
# /readyz needs no key; urllib is there without curl.
HEALTHCHECK --interval=30s --timeout=10s --start-period=120s CMD \
    ["python", "-c", "import urllib.request; urllib.request.urlopen('http://127.0.0.1:7861/readyz', timeout=8)"]
STOPSIGNAL SIGTERM
ENTRYPOINT ["yiwen"]
CMD ["serve", "--host", "0.0.0.0"]
