"""What newsbot costs and how well it does, beside its peers: `python -m benchmarks --help`.

Each benchmark is a module with a `run` that gives a `results.Result`. `python -m benchmarks NAME` runs one, prints its
tables, keeps it in `results/NAME.json`, and writes what is kept there into the documentation (`document`). So a figure
there is what a command measured, and a test holds the two to each other.

Nothing of this is installed with newsbot. Peers live in a virtual environment of their own (`peers`), and what runs in
there (`readers`, `plainspiders`, `ingesters`, `likeness`) imports nothing but them.
"""
