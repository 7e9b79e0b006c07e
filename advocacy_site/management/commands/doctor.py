from django.core.management.base import BaseCommand

from advocacy_site.doctor import examine


class Command(BaseCommand):
    help = "Look whether everything is well; say what is not and what to do. Exits with 1 then."
    requires_system_checks = []  # they are one of its own

    def handle(self, **options):
        findings = examine()
        for finding in findings:
            if not finding.problems:
                self.stdout.write(f"{finding.name}: well")
            for problem in finding.problems:
                self.stdout.write(self.style.ERROR(f"{finding.name}: {problem}"))
        if any(finding.problems for finding in findings):
            raise SystemExit(1)
