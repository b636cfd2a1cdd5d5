import { loadChatTemplate } from "kserve-transformer/text";

const CHATML =
  "{% for message in messages %}{% if loop.first and message['role'] != 'system' %}{{ '<|im_start|>system\\nBe kind<|im_end|>\\n' }}{% endif %}\n" +
  "  {{- '<|im_start|>' + message['role'] + '\\n' + message['content'] | trim + '<|im_end|>' + '\\n' }}\n" +
  "{% endfor %}\n{%- if add_generation_prompt %}{{ '<|im_start|>assistant\\n' }}{% endif %}";

test("a conversation becomes the prompt that Python's apply_chat_template makes", async () => {
  const template = await loadChatTemplate(CHATML);
  const messages = [{ role: "user", content: " Hi " }];
  // Rendered by jinja2 3.1 with trim_blocks and lstrip_blocks, as transformers sets them.
  expect(template.render({ messages, add_generation_prompt: true })).toBe(
    "<|im_start|>system\nBe kind<|im_end|>\n<|im_start|>user\nHi<|im_end|>\n\n<|im_start|>assistant\n",
  );
});

test("an exception that the template raises is a 400 with its words", async () => {
  const template = await loadChatTemplate("{{ raise_exception('roles must alternate') }}");
  expect(() => template.render({ messages: [] })).toThrow(
    expect.objectContaining({ code: "invalid_argument", message: expect.stringContaining("roles must alternate") }),
  );
});

test("a template that cannot be read is refused when it is loaded", async () => {
  await expect(loadChatTemplate("{% for x in %}")).rejects.toMatchObject({ code: "unimplemented" });
});
