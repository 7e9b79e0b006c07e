"""How fast a letter goes out: ``python -m tests.bench.letters [--subscribers N] [--send N]``.

A database of its own on the embedded Postgres with the settings of ``make run`` (every commit
reaches the disk), one worker, and a mail server on this machine that takes everything.
"""

import argparse
import asyncio
import atexit
import multiprocessing
import os
import resource
import time

GOALS = {"deliveries made, seconds": 10, "mails a second": 300, "memory, MB": 200}


class Sink(asyncio.Protocol):
    """Speaks just enough SMTP to take a mail and forget it."""

    def connection_made(self, transport):
        self.transport, self.in_data, self.tail = transport, False, b""
        transport.write(b"220 sink\r\n")

    def data_received(self, data):
        if self.in_data:
            self.tail = (self.tail + data)[-5:]
            if self.tail == b"\r\n.\r\n":
                self.in_data = False
                self.transport.write(b"250 taken\r\n")
            return
        for line in data.splitlines():
            verb = line[:4].upper()
            if verb == b"DATA":
                self.in_data, self.tail = True, b""
                self.transport.write(b"354 go on\r\n")
            elif verb == b"QUIT":
                self.transport.write(b"221 bye\r\n")
                self.transport.close()
            else:
                self.transport.write(b"250 sink\r\n")


def run_sink(port):
    async def serve():
        server = await asyncio.get_running_loop().create_server(Sink, "127.0.0.1", port)
        await server.serve_forever()

    asyncio.run(serve())


def prepare(port):
    from advocacy_site.local_postgres import LocalPostgres
    from advocacy_site.settings.base import VAR

    server = LocalPostgres(VAR / "postgres")
    server.enter()
    atexit.register(server.leave)
    server.ensure_database("harbor_bench_letters")
    os.environ["DATABASE_URL"] = server.url("harbor_bench_letters")
    os.environ["DJANGO_SETTINGS_MODULE"] = "advocacy_site.settings.local"
    import django

    django.setup()
    from django.conf import settings
    from django.core.management import call_command

    from tests.mail_server import mailers

    settings.MAILERS = mailers(port)
    call_command("migrate", verbosity=0, interactive=False)


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--subscribers", type=int, default=100_000)
    parser.add_argument("--send", type=int, default=10_000, help="how many of them to write to")
    options = parser.parse_args()

    from tests.mail_server import free_port

    port = free_port()
    sink = multiprocessing.get_context("fork").Process(target=run_sink, args=[port], daemon=True)
    sink.start()
    prepare(port)
    measure(options)
    sink.kill()


def measure(options):
    from django.db import connection
    from django.utils import timezone

    from community.newsletter import sending
    from community.newsletter.models import Delivery, Issue, Subscriber

    Issue.objects.all().delete()
    now = timezone.now()
    missing = options.subscribers - Subscriber.objects.count()
    for start in range(0, max(missing, 0), 10_000):
        Subscriber.objects.bulk_create(
            Subscriber(
                email=f"reader{now.timestamp():.0f}.{start + n}@example.com",
                wants_letter=True,
                confirmed_at=now,
                is_discreet=n % 5 == 0,
                text_only=n % 9 == 0,
            )
            for n in range(min(10_000, missing - start))
        )
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")
    body = "## New this week\n\n" + "A line of a letter with [a link](/articles/). " * 40
    issue = Issue.objects.create(subject="This week: the dose conversation", body=body)

    began = time.perf_counter()
    sending.start(issue)
    seconds = time.perf_counter() - began
    print(f"{issue.deliveries.count()} deliveries made in {seconds:.2f} s")

    others = Delivery.objects.filter(issue=issue).order_by("-pk")
    keep = others.values_list("pk", flat=True)[options.send :]
    Delivery.objects.filter(issue=issue, pk__in=list(keep)).update(state="skipped")
    began, cpu = time.perf_counter(), time.process_time()
    sent = sending.send_due()
    seconds = time.perf_counter() - began
    memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(f"{sent} sent in {seconds:.1f} s: {sent / seconds:.0f} a second, by one worker")
    print(f"of that, the worker computed for {time.process_time() - cpu:.1f} s")
    print(f"memory of the worker at most {memory:.0f} MB")
    print(f"goals: {GOALS}")


if __name__ == "__main__":
    main()
