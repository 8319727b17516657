import subprocess


def start(argv, options, runner):
    runner.run(argv)
    subprocess.run(argv, **options)
    return subprocess.Popen(argv)
