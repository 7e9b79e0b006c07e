"""One connection to the mail server, kept open, and what its answers mean."""

import smtplib
import time
from contextlib import suppress
from dataclasses import dataclass

from django.conf import settings
from django.core.mail import mailers

from .addresses import without_addresses

MOST_TRIES = 5
BACK_OFF_SECONDS = [60, 300, 1800, 7200]
# So many without an answer, one after the other: the server is not well.
MOST_SILENCES = 3
REST_SECONDS = 5


@dataclass
class Outcome:
    """How one mail went: the state of its delivery from now on."""

    delivery: int
    state: str
    answer: str = ""
    # Seconds until it is tried again; only for state "waiting".
    wait: int = 0
    counts_as_try: bool = True
    at_recipient: bool = False

    def __post_init__(self):
        # Servers repeat the address, and the answer outlives the person's wish to be forgotten.
        self.answer = without_addresses(self.answer)[:300]

    @property
    def is_no_such_mailbox(self) -> bool:
        """550 to the recipient means a dead address, unless its second code (RFC 3463) says
        something else: 5.7.x is about us, not about her."""
        code, _, words = self.answer.partition(" ")
        detail = words.partition(" ")[0]
        return (
            self.at_recipient
            and code == "550"
            and (not detail.startswith("5.") or detail.startswith("5.1."))
        )


def back_off(tries: int) -> int:
    return BACK_OFF_SECONDS[min(tries, len(BACK_OFF_SECONDS) - 1)]


class Carrier:
    """``refusal`` is what the server said when it refused *us*: every mail would end so."""

    def __init__(self):
        self.backend = mailers.default
        self.in_data = False
        self.silences = 0
        self.doubts = 0
        self.refusal = ""
        self.pace = settings.LETTERS_PER_SECOND
        self.next_at = time.monotonic()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.hang_up()

    @property
    def is_silent(self) -> bool:
        """It refused to talk several times in a row, or refuses us: come back later."""
        return self.silences >= MOST_SILENCES or bool(self.refusal)

    @property
    def loses_mail(self) -> bool:
        """It takes texts and does not say what became of them."""
        return self.doubts >= MOST_SILENCES

    def get_ready(self) -> bool:
        """Wait for the pace and open the connection, before leave for the next is asked: what
        takes long here must not lie between that leave and the mail."""
        self.keep_pace()
        while not self.is_silent:
            try:
                self.connect()
            except smtplib.SMTPResponseException as error:
                self.refused(error)
            except (smtplib.SMTPException, OSError):
                self.hang_up()
                self.silences += 1
            else:
                return True
        return False

    def carry(self, delivery: int, tries: int, message) -> Outcome:
        self.in_data = False
        try:
            self.connect()
            self.backend.send_messages([message])
        except smtplib.SMTPDataError as error:
            return self.answered(delivery, tries, error.smtp_code, error.smtp_error)
        except smtplib.SMTPRecipientsRefused as error:
            code, words = next(iter(error.recipients.values()))
            return self.answered(delivery, tries, code, words, at_recipient=True)
        except smtplib.SMTPResponseException as error:
            return self.refused(error, delivery)
        except (smtplib.SMTPException, OSError) as error:
            return self.broke(delivery, error)
        self.silences = self.doubts = 0
        return Outcome(delivery, "sent")

    def answered(self, delivery, tries, code, words, *, at_recipient=False) -> Outcome:
        """An answer about this recipient or this text, so a person's."""
        answer = said(code, words)
        if code == 421:  # it closes the connection; nobody's fault
            return self.silence(delivery, answer, wait=2)
        self.silences = self.doubts = 0
        if 400 <= code < 500 and tries + 1 < MOST_TRIES:
            return Outcome(delivery, "waiting", answer, wait=back_off(tries))
        return Outcome(delivery, "failed", answer, at_recipient=at_recipient)

    def refused(self, error: smtplib.SMTPResponseException, delivery: int = 0) -> Outcome:
        """An answer to our greeting, our login or our sender address: about us, never a
        recipient's failure. One for good (5xx) would meet every mail."""
        answer = said(error.smtp_code, error.smtp_error)
        if error.smtp_code >= 500:
            self.refusal = without_addresses(answer)
        return self.silence(delivery, answer, wait=60)

    def broke(self, delivery, error) -> Outcome:
        """Without an answer. After the text was handed over nobody knows: the written rule."""
        if self.in_data:
            self.doubts += 1
            self.silence(delivery, "", wait=0)
            return Outcome(delivery, "doubtful", f"No answer after the text: {error}")
        return self.silence(delivery, f"No connection: {error}", wait=REST_SECONDS)

    def silence(self, delivery: int, answer: str, *, wait: int) -> Outcome:
        self.hang_up()
        self.silences += 1
        return Outcome(delivery, "waiting", answer, wait=wait, counts_as_try=False)

    def connect(self) -> None:
        """Open it once; watch the moment the text is handed over, where the backend has one."""
        self.backend.open()
        smtp = getattr(self.backend, "connection", None)
        if smtp is not None and not hasattr(smtp, "watched"):
            hand_over = smtp.data

            def data(message):
                self.in_data = True
                answer = hand_over(message)
                self.in_data = False
                return answer

            smtp.data, smtp.watched = data, True

    def hang_up(self) -> None:
        self.in_data = False
        with suppress(smtplib.SMTPException, OSError):
            self.backend.close()
        self.backend = mailers.default

    def keep_pace(self) -> None:
        if not self.pace:
            return
        now = time.monotonic()
        time.sleep(max(0, self.next_at - now))
        self.next_at = max(now, self.next_at) + 1 / self.pace


def said(code, words) -> str:
    return f"{code} {words.decode(errors='replace') if isinstance(words, bytes) else words}"
