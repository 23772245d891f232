# The HTTP service, with the model inside: nothing is downloaded when it runs.
#   docker build -t sextortion-detect .
#   docker run --rm -p 127.0.0.1:8765:8765 --read-only --tmpfs /tmp --cap-drop ALL sextortion-detect
# It has no password and no TLS: publish the port on loopback, or to a gateway that has both.
FROM python:3.13-slim AS build
WORKDIR /source
COPY pyproject.toml README.md LICENSE ./
COPY sextortion_detect ./sextortion_detect
COPY models ./models
RUN python -m venv /opt/sextortion && /opt/sextortion/bin/pip install --no-cache-dir '.[serve]'

FROM python:3.13-slim
COPY --from=build /opt/sextortion /opt/sextortion
RUN useradd --system --uid 10001 --no-create-home --shell /usr/sbin/nologin sextortion
USER 10001
ENV PATH=/opt/sextortion/bin:$PATH PYTHONDONTWRITEBYTECODE=1
EXPOSE 8765
HEALTHCHECK --interval=30s --timeout=5s --start-period=20s CMD ["python", "-c", "from urllib.request import urlopen; urlopen('http://127.0.0.1:8765/health', timeout=4)"]
CMD ["sextortion-detect", "serve", "--host", "0.0.0.0", "--port", "8765", "--quiet"]
