using Sparkish.Configuration;
using Sparkish.Diagnostics;

namespace Sparkish.Deploy.Worker;

/// <summary>Commands as they are shown in the output of executors and drivers.</summary>
internal static class CommandText
{
    /// <summary>Formats an argument for display: without control characters, and without a password in a setting or a URL.</summary>
    public static string Shown(string argument)
    {
        var equals = argument.IndexOf('=', StringComparison.Ordinal);
        return LogText.Escape(equals < 0 ? argument : $"{argument[..equals]}={Redaction.Default.Redact(argument[..equals], argument[(equals + 1)..])}");
    }
}
