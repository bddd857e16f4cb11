"""Cutting the line to a client, as a failing network would."""

import socket

from flask import Response, request


def drop_connection() -> Response:
    """Close the connection without an answer. What is returned is never seen.

    Waitress hands out no socket, but a method of the channel that holds it.
    """
    channel = request.environ["waitress.client_disconnected"].__self__
    channel.socket.shutdown(socket.SHUT_RDWR)
    return Response(status=500)
