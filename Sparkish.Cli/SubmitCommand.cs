using System.CommandLine;

namespace Sparkish.Cli;

/// <summary><c>sparkish submit APP.dll ARGS…</c>: runs an application with settings that its <see cref="SparkConf"/> starts with.</summary>
internal static class SubmitCommand
{
    public const string Usage = "submit [options] <APP.dll> [<ARGS>...]";

    public static Command Create()
    {
        var options = new SubmitOptions();
        var app = new Argument<string?>("APP.dll")
        {
            Description = "The application: the .dll that 'dotnet build' produced; in cluster mode also a path of the workers, as local:/path/app.dll.",
            Arity = ArgumentArity.ZeroOrOne,
        };
        var args = new Argument<string[]>("ARGS") { Description = "The application's own arguments, passed on as they are.", Arity = ArgumentArity.ZeroOrMore };
        var command = new Command(
            "submit", "Runs an application on a cluster. Options go before APP.dll; everything after it is passed to the application.") { app, args };
        foreach (var option in options.All) command.Options.Add(option);
        command.SetAction((parsed, cancellationToken) =>
        {
            var settings = options.Read(parsed);
            if (parsed.GetValue(options.Kill) is { } kill) return ClusterSubmission.KillAsync(settings, kill, cancellationToken);
            if (parsed.GetValue(options.Status) is { } status) return ClusterSubmission.ReportAsync(settings, status, cancellationToken);
            if (parsed.GetValue(app) is not { } program)
                throw new UsageException("The application is missing: give the path of the .dll that 'dotnet build' produced. See 'sparkish submit --help'.");
            var arguments = parsed.GetValue(args) ?? [];
            if (options.IsCluster(settings)) return ClusterSubmission.SubmitAsync(settings, program, arguments, options.FilesOf(parsed), cancellationToken);
            options.ThrowIfForCluster(parsed);
            return ApplicationProcess.RunAsync(program, arguments, settings);
        });
        return command;
    }

    /// <summary>Inserts <c>--</c> before the application, so that later arguments are not parsed as our options.</summary>
    public static IReadOnlyList<string> ShieldApplicationArguments(Command submit, IReadOnlyList<string> words)
    {
        var i = 0;
        while (i < words.Count && words[i].StartsWith('-') && !string.Equals(words[i], "--", StringComparison.Ordinal))
            i += submit.Options.Any(option => string.Equals(option.Name, words[i], StringComparison.Ordinal) && option.Arity.MinimumNumberOfValues > 0) ? 2 : 1;
        return i < words.Count && !string.Equals(words[i], "--", StringComparison.Ordinal) ? [.. words.Take(i), "--", .. words.Skip(i)] : words;
    }
}
