/** The version that the package says. */
import packageJson from '../../package.json';

export const VERSION: string = packageJson.version;
