using System.ComponentModel;
using System.Diagnostics;
using System.Globalization;
using System.Text;
using Sparkish.Diagnostics;

namespace Sparkish.Deploy.Worker.Resources;

/// <summary>Runs a program that prints the addresses of a custom resource.</summary>
internal static class DiscoveryScript
{
    private const int MaxChars = 1 << 20;
    private const int MaxShown = 200;

    /// <summary>Time limit for a program.</summary>
    public static TimeSpan Limit { get; } = TimeSpan.FromSeconds(30);

    /// <param name="script">The program.</param>
    /// <param name="name">The resource that it must print.</param>
    /// <param name="key">The setting that names it.</param>
    /// <param name="time">The clock of the limit.</param>
    /// <exception cref="SparkException">The program cannot be started, takes too long or fails, or prints something else.</exception>
    public static async Task<ResourceInformation> RunAsync(string script, string name, string key, TimeProvider time)
    {
        using var process = Start(script, key);
        using var limit = new CancellationTokenSource(Limit, time);
        try
        {
            var errors = ReadAsync(process.StandardError, limit.Token);
            var output = await ReadAsync(process.StandardOutput, limit.Token).ConfigureAwait(false);
            var said = await errors.ConfigureAwait(false);
            await process.WaitForExitAsync(limit.Token).ConfigureAwait(false);
            if (process.ExitCode != 0) throw Failed(string.Create(CultureInfo.InvariantCulture, $"it exited with status {process.ExitCode}: {Shown(said)}"));
            var found = ResourceJson.Parse(output);
            return found.Name == name ? found : throw Failed($"it printed the resource '{LogText.Escape(found.Name)}' instead of '{name}'");
        }
        catch (OperationCanceledException)
        {
            throw Failed(string.Create(CultureInfo.InvariantCulture, $"it did not end within {Limit.TotalSeconds} s"));
        }
        catch (FormatException error)
        {
            throw Failed($"it must print a line such as {{\"name\": \"{name}\", \"addresses\": [\"0\", \"1\"]}}: {error.Message}");
        }
        finally
        {
            if (!process.HasExited) process.Kill(entireProcessTree: true);
        }

        SparkException Failed(string problem) => new($"{key} is '{script}', which found no resources: {problem}.");
    }

    private static Process Start(string script, string key)
    {
        var start = new ProcessStartInfo(Path.GetFullPath(script)) { UseShellExecute = false, RedirectStandardOutput = true, RedirectStandardError = true };
        ExecutorEnvironment.Restrict(start.Environment, more: "");
        try
        {
            return Process.Start(start) ?? throw new SparkException($"{key} is '{script}', which did not start.");
        }
        catch (Win32Exception error)
        {
            throw new SparkException($"{key} is '{script}', which cannot be started: {error.Message}. Give the path of a program.", error);
        }
    }

    private static async Task<string> ReadAsync(StreamReader reader, CancellationToken cancellationToken)
    {
        var text = new StringBuilder();
        var buffer = new char[4096];
        for (int read; (read = await reader.ReadAsync(buffer, cancellationToken).ConfigureAwait(false)) > 0;)
        {
            if (text.Length + read <= MaxChars) text.Append(buffer, 0, read);
        }

        return text.ToString();
    }

    private static string Shown(string text) => LogText.Shorten(LogText.Escape(text.Trim()), MaxShown);
}
