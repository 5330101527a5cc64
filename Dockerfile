# The executable for glibc is copied in: build it first with `npm install && npm run build`.
FROM debian:bookworm-slim
RUN useradd --system --uid 10001 --no-create-home rtmp && mkdir -p /recordings /data && chown rtmp /recordings /data
COPY --chmod=755 dist/rtmp-server /usr/local/bin/rtmp-server
USER rtmp
WORKDIR /
VOLUME /recordings
EXPOSE 1935 8554 8888
STOPSIGNAL SIGTERM
ENTRYPOINT ["rtmp-server"]
CMD ["--listen", ":1935", "--record-dir", "/recordings"]
