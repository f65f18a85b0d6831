import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    include: ['test/{unit,laws,conform,golden,server,webview}/**/*.test.ts'],
    testTimeout: 60_000,
  },
});
