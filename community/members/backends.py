from django.contrib.auth.backends import ModelBackend


class MemberBackend(ModelBackend):
    """Nobody signs in to an account that is closed or remembered, and its sessions are over:
    every request asks this again."""

    def user_can_authenticate(self, user):
        return user.may_sign_in
