using System.Text;
using Microsoft.Extensions.Logging;

namespace Sparkish.Security;

/// <summary>A password or secret from a setting, from a file that a setting names, or from the environment: the first one that is set.</summary>
internal static class Password
{
    /// <summary>Finds it.</summary>
    /// <param name="value">The key of the password itself, and the password; null if it is not set.</param>
    /// <param name="file">The key of the file, and its name; null if it is not set.</param>
    /// <param name="variable">The environment variable.</param>
    /// <param name="environment">Looks environment variables up.</param>
    /// <param name="log">Receives a warning about a file that others can read.</param>
    /// <returns>The password; null if none of the three is set.</returns>
    /// <exception cref="SparkException">Both keys are set, or the file cannot be read or is empty.</exception>
    public static string? Find(
        (string Key, string Value)? value, (string Key, string Value)? file, string variable, Func<string, string?> environment, ILogger log)
    {
        if (value is { } given && file is { } named)
            throw new SparkException($"Both {given.Key} and {named.Key} are set: keep the latter, since others can easily see the former.");
        if (value is not null) return value.Value.Value;
        if (file is not var (key, name)) return environment(variable);
        var text = Encoding.UTF8.GetString(SecurityFile.Read(key, name, log, isPrivate: true)).Trim();
        return text.Length > 0 ? text : throw new SparkException($"{key} is '{name}', which is empty: write the password into it.");
    }
}
