"""Turns a Keras file into the SavedModel that TensorFlow Serving reads, and prints its signature.

    pip install tensorflow
    python export_keras.py clothing.keras clothing-model/1
"""

import sys

import tensorflow as tf

source, target = sys.argv[1:]
model = tf.keras.models.load_model(source, compile=False)
model.export(target)

signature = tf.saved_model.load(target).signatures["serving_default"]
for name, spec in signature.structured_input_signature[1].items():
    print("input ", name, spec.dtype.name, spec.shape)
for name, spec in signature.structured_outputs.items():
    print("output", name, spec.dtype.name, spec.shape)
