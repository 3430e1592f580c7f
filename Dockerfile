# The service in a container: docker build -t ttp .  The data folder and /etc/ttp must be volumes that outlive it.
#   docker run --rm -v ttp-data:/var/lib/ttp -v ttp-settings:/etc/ttp --entrypoint ttpctl ttp init --config ...
#   docker run -d --read-only --cap-drop ALL --stop-timeout 60 -p 127.0.0.1:8080:8080 -v ttp-data:/var/lib/ttp -v ttp-settings:/etc/ttp ttp
FROM debian:bookworm-slim AS build
ENV DEBIAN_FRONTEND=noninteractive
WORKDIR /source
COPY scripts scripts
RUN apt-get update && scripts/install build
COPY . .
ARG SOURCE_DATE_EPOCH=0
RUN scripts/package

FROM debian:bookworm-slim
COPY --from=build /source/build/package/package/ /tmp/package/
RUN apt-get update \
 && apt-get install --yes --no-install-recommends /tmp/package/ttp_*.deb \
 && install -m 0644 /tmp/package/*.spdx.json /usr/share/doc/ttp/ \
 && rm -rf /tmp/package /var/lib/apt/lists/*
USER ttp
VOLUME ["/var/lib/ttp", "/etc/ttp"]
WORKDIR /var/lib/ttp
EXPOSE 8080 8443
STOPSIGNAL SIGTERM
HEALTHCHECK --interval=10s --timeout=5s --start-period=120s \
  CMD ["bash", "-c", "exec 3<>/dev/tcp/127.0.0.1/8080 && printf 'GET /health/live HTTP/1.1\\r\\nHost: localhost\\r\\nConnection: close\\r\\n\\r\\n' >&3 && read -r line <&3 && [[ $line == *' 200 '* ]]"]
ENTRYPOINT ["ttpd", "--config", "/etc/ttp/ttpd.toml"]
CMD ["--address", "0.0.0.0"]
