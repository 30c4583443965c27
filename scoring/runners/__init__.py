"""What runs inside the sandbox: models and programs to arrays and files. Nothing here is trusted."""
