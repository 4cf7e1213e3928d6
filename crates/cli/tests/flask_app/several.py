from flask import Flask

one, two = Flask("one"), Flask("two")
