# Python 2.7. Runs `wstest` as its own command does, with two differences: a fuzzing server binds
# to the loopback alone, and says so once it does.
from autobahntestsuite import wstest  # must be the first import
from autobahntestsuite import fuzzing

listen = fuzzing.listenWS


def listen_on_loopback(factory, context):
    listen(factory, context, interface="127.0.0.1")
    print("listening on 127.0.0.1:%d" % factory.port)


fuzzing.listenWS = listen_on_loopback
wstest.run()
