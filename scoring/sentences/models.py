"""The participant's model or program, seen at the door and found in the sandbox."""

from __future__ import annotations

from scoring.sentences.marking import gettext_noop

MODELS: dict[str, str] = {
    "model_unreadable": gettext_noop(
        "The file can't be loaded as a {format} model: {reason}. Check that it was saved in this "
        "format, and that it loads on your own machine."
    ),
    "model_type_forbidden": gettext_noop(
        "The model holds {count} type(s) that are not allowed here: {names}. Build it from "
        "scikit-learn's own estimators and transformers only."
    ),
    "model_no_estimator": gettext_noop(
        "The file holds an object of type {found}, which is no scikit-learn model. Save the fitted "
        "estimator or pipeline itself."
    ),
    "model_no_class_scores": gettext_noop(
        "{name} gives neither probabilities nor decision values for each class. Wrap it in "
        "CalibratedClassifierCV, or choose another estimator."
    ),
    "model_classes": gettext_noop(
        "The model was trained on classes that this task does not have: {names}. Train it on the "
        "labels of the training data as they are."
    ),
    "model_weights_mismatch": gettext_noop(
        "{count} tensor(s) are missing, unknown or of another shape: {names}. Save the state_dict "
        "of the architecture that this phase names, with its configuration."
    ),
    "model_input_mismatch": gettext_noop(
        "The model takes {found}, but it will be given {expected}. Export it with these inputs."
    ),
    "model_output_missing": gettext_noop(
        "The model gives {found}; one tensor, “{expected}”, is expected. Return only that one."
    ),
    "model_output_shape": gettext_noop(
        "The model's output has the shape {found}; {expected} is expected. Check its last layer, "
        "and that it keeps the first axis, one entry for each row."
    ),
    "model_output_type": gettext_noop(
        "The model's output is of type {found}; {expected} is expected. Convert it in the model."
    ),
    "model_output_not_finite": gettext_noop(
        "The model's output holds NaN or infinite values. Check it on the training data, in the "
        "precision that this phase uses."
    ),
    "model_failed": gettext_noop(
        "The model stopped while it predicted: {reason}. Try it on your own machine with batches "
        "of the size that this phase uses, and with a smaller last one."
    ),
    "program_archive": gettext_noop(
        "The zip file is refused: {reason}. Pack plain files and folders only."
    ),
    "program_missing_predict": gettext_noop(
        "The zip file has no predict.py with a function predict(inputs_dir, output_path) at its "
        "root. Add it."
    ),
    "program_misplaced_predict": gettext_noop(
        "predict.py lies in “{found}”, but it must be at the root of the zip file. Pack the "
        "folder's contents, not the folder."
    ),
    "program_failed": gettext_noop(
        "predict.py stopped before it was done: {reason}. The end of what it printed is below; "
        "run it on the sample data on your own machine."
    ),
    "program_no_output": gettext_noop(
        "predict.py ended without writing its predictions. Write one file to the path that "
        "predict() is given as output_path."
    ),
    "program_output_too_large": gettext_noop(
        "predict.py wrote more than {limit} bytes. Write only the columns and rows of the sample "
        "submission."
    ),
    "files_archive": gettext_noop(
        "The zip file is refused: {reason}. Pack plain files and folders only."
    ),
    "files_not_a_zip": gettext_noop(
        "“{name}” is not a whole zip file. Pack your files into one .zip file, as in the sample."
    ),
    "scorer_refused": gettext_noop("The competition's scoring program refused the files: {reason}"),
    "metric_refused": gettext_noop("The competition's metric refused the predictions: {reason}"),
    "time_limit_model": gettext_noop(
        "It took more than the {seconds} seconds allowed. Make it faster, or smaller; a trial on a "
        "few rows has a limit of its own."
    ),
    "memory_limit_model": gettext_noop(
        "It took more than the {megabytes} MB of memory allowed. Use smaller batches or a smaller "
        "model."
    ),
    "process_limit_model": gettext_noop(
        "It started more than the {limit} processes and threads allowed. Start fewer."
    ),
    "output_limit_model": gettext_noop(
        "It sent more than the {megabytes} MB allowed. Send only the predictions."
    ),
    "empty_upload": gettext_noop("The file is empty. Choose another one."),
    "upload_too_large": gettext_noop(
        "The file has {found} bytes; at most {limit} are allowed. Send a smaller one."
    ),
    "model_extension": gettext_noop(
        "“{name}” is not a kind of model that is taken here. Upload a file that ends in: {expected}."
    ),
    "onnx_damaged": gettext_noop(
        "“{name}” is not a whole ONNX model. Export it again as one file, without external data."
    ),
    "torchscript_damaged": gettext_noop(
        "“{name}” is not a whole TorchScript file. Save the model with torch.jit.save."
    ),
    "torch_pickle": gettext_noop(
        "“{name}” was saved by torch.save, so it can only be loaded with your own code. Save the model with "
        "torch.jit.save, which puts the code into the file."
    ),
    "torch_export_damaged": gettext_noop(
        "“{name}” is not a whole torch.export file. Save the model with torch.export.save."
    ),
    "safetensors_damaged": gettext_noop(
        "“{name}” is not a whole safetensors file. Save the weights with safetensors.torch.save_file."
    ),
    "safetensors_tensor": gettext_noop(
        "The tensor “{tensor}” has a place in the file that does not fit its type and shape. "
        "Save the weights with safetensors.torch.save_file."
    ),
    "skops_damaged": gettext_noop(
        "“{name}” is not a whole skops file. Save the model with skops.io.dump."
    ),
    "not_a_zip": gettext_noop(
        "“{name}” is not a whole zip file. Pack predict.py and what it needs into one .zip file."
    ),
    "archive_entries": gettext_noop(
        "The zip file has {found} entries; at most {limit} are allowed. Leave out what is not needed."
    ),
    "archive_entry": gettext_noop(
        "“{entry}” in the zip file is a link, or its path leads out of the file. Pack plain files and "
        "folders only."
    ),
    "archive_too_large": gettext_noop(
        "Unpacked, the file has more than {limit} bytes, the most allowed. Leave out what is not needed."
    ),
}
