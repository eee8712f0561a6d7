using System.Globalization;

namespace Sparkish.Tests;

/// <summary>A number that an environment variable may set, so that one test serves CI, a longer run and a single look.</summary>
internal static class RequestedNumber
{
    /// <param name="variable">The environment variable.</param>
    /// <param name="usual">The number without it.</param>
    public static int Of(string variable, int usual) =>
        int.TryParse(Environment.GetEnvironmentVariable(variable), CultureInfo.InvariantCulture, out var given) ? given : usual;
}
