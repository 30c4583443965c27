# Two images from one file: `site` (web server, results worker, management commands) and `scoring`
# (workers, without the site's code; `scoring-gpu` has torch as well). Build tools stay in the first stages.

FROM python:3.11-slim AS packages
ENV UV_LINK_MODE=copy UV_COMPILE_BYTECODE=1 UV_PYTHON_DOWNLOADS=never PIP_NO_CACHE_DIR=1
WORKDIR /app
COPY requirements/uv.txt requirements/
RUN pip install --requirement requirements/uv.txt && uv venv /venv
COPY requirements.txt ./
RUN uv pip install --no-cache --python /venv/bin/python --requirement requirements.txt

FROM packages AS packages-torch
COPY requirements-torch.txt ./
RUN uv pip install --no-cache --python /venv/bin/python --requirement requirements-torch.txt

FROM packages AS code
ENV PATH=/venv/bin:$PATH PYTHONPATH=/app/platform:/app STATE_DIR=/var/lib/agon
COPY . ./
# The key is for this one command and is in no image that runs.
RUN python -m launcher.messages \
    && SECRET_KEY=only-for-collecting-static-files python manage.py collectstatic --noinput --verbosity=0 \
    && mkdir -p /var/lib/agon/storage /var/lib/agon/uploads /var/lib/agon/scoring

FROM python:3.11-slim AS runtime
RUN useradd --uid 10001 --user-group --no-create-home --shell /usr/sbin/nologin agon
ENV PATH=/venv/bin:$PATH PYTHONUNBUFFERED=1 PYTHONDONTWRITEBYTECODE=1 PYTHONUTF8=1 LC_ALL=C.UTF-8 TZ=UTC
WORKDIR /app

FROM runtime AS scoring
# What submitted models and programs are confined with; see docs/decisions/0009-the-sandbox.md.
RUN apt-get update \
    && apt-get install --yes --no-install-recommends bubblewrap libseccomp2 util-linux \
    && rm -rf /var/lib/apt/lists/*
ENV PYTHONPATH=/app:/app/platform SCORING_CACHE=/var/lib/agon/scoring
COPY --from=packages /venv /venv
COPY scoring scoring
COPY platform/launcher platform/launcher
COPY --from=code --chown=agon:agon /var/lib/agon/scoring /var/lib/agon/scoring
USER agon

FROM scoring AS scoring-gpu
COPY --from=packages-torch /venv /venv

FROM runtime AS site
ENV PYTHONPATH=/app:/app/platform DJANGO_SETTINGS_MODULE=agon.settings STATE_DIR=/var/lib/agon
COPY --from=packages /venv /venv
COPY --from=code /app /app
COPY --from=code --chown=agon:agon /app/competitions /app/competitions
COPY --from=code /var/lib/agon/static /var/lib/agon/static
COPY --from=code --chown=agon:agon /var/lib/agon/storage /var/lib/agon/storage
COPY --from=code --chown=agon:agon /var/lib/agon/uploads /var/lib/agon/uploads
USER agon
EXPOSE 8000
HEALTHCHECK --interval=10s --timeout=5s --start-period=30s CMD ["python", "-m", "launcher.health"]
CMD ["gunicorn", "--config", "python:agon.gunicorn", "agon.wsgi"]
