FROM python:3.12-slim AS build
WORKDIR /app
RUN python -m venv /venv
COPY requirements.txt .
RUN /venv/bin/pip install --no-cache-dir --disable-pip-version-check --no-deps --require-hashes -r requirements.txt
COPY . .
# As in production, with a secret of this moment that is kept nowhere.
RUN SECRET_KEY=$(/venv/bin/python -c 'import secrets; print(secrets.token_hex(32))') ALLOWED_HOSTS=localhost \
    DATA_DIR=/build STATIC_ROOT=/app/var/static /venv/bin/python manage.py collectstatic --noinput --verbosity 0 \
    && /venv/bin/python -m compileall -q accounts articles blogsite

FROM python:3.12-slim
RUN useradd --uid 10001 --no-create-home --shell /usr/sbin/nologin blogsite \
    && install --directory --owner=blogsite --group=blogsite /data /data/media /srv/static
COPY --from=build /venv /venv
COPY --from=build /app /app
WORKDIR /app
# DEBUG=off: configured or not, a container is never a local site. Without SECRET_KEY and ALLOWED_HOSTS it refuses to start.
ENV PATH=/venv/bin:$PATH PYTHONUNBUFFERED=1 PYTHONDONTWRITEBYTECODE=1 \
    DEBUG=off DATA_DIR=/data STATIC_ROOT=/app/var/static
USER blogsite
VOLUME /data
EXPOSE 8000
HEALTHCHECK --interval=10s --timeout=5s --start-period=20s \
    CMD ["python", "-c", "from urllib.request import urlopen; urlopen('http://127.0.0.1:8000/readyz', timeout=4)"]
CMD ["gunicorn", "--config", "gunicorn.conf.py", "--bind", "0.0.0.0:8000"]
