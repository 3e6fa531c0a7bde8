"""Types at a terminal: terminal.py ANSWER... -- COMMAND... Answers each prompt that ends in a colon; prints what was shown."""
import os
import pty
import select
import sys
import time

at = sys.argv.index("--")
answers, command = sys.argv[1:at], sys.argv[at + 1:]
pid, terminal = pty.fork()
if pid == 0:
    os.execv(command[0], command)
shown = b""
answered = 0  # how much was shown when the last answer was typed
end = time.time() + 15
try:
    while time.time() < end:
        if select.select([terminal], [], [], 0.1)[0]:
            shown += os.read(terminal, 1000)
        if answers and shown[answered:].rstrip().endswith(b":"):
            os.write(terminal, answers.pop(0).encode() + b"\r")
            shown += b"\n"
            answered = len(shown)
except OSError:
    pass  # the end of the terminal's other side
print(shown.decode().replace("\r", ""))
sys.exit(os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]))
