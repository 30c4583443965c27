"""The person behind a request, as the type that views need."""

from django.core.exceptions import PermissionDenied
from django.http import HttpRequest

from agon.accounts.models import User


def user_of(request: HttpRequest) -> User:
    """The signed-in user; views behind `login_required` always have one."""
    if not isinstance(request.user, User):
        raise PermissionDenied
    return request.user
