using System.CommandLine;
using System.Globalization;

namespace Sparkish.Cli;

/// <summary>Options that several commands share.</summary>
internal static class SharedOptions
{
    public static Option<string> Host() => new("--host", "-h")
    {
        Description = "Address to listen on and to advertise to other nodes.",
        HelpName = "HOST",
        DefaultValueFactory = _ => "127.0.0.1",
    };

    public static Option<int> Port(int defaultPort, string description)
    {
        var option = WholeNumber("--port", "-p", 0, 65535, description, "PORT");
        option.DefaultValueFactory = _ => defaultPort;
        return option;
    }

    public static Option<int> WholeNumber(string name, string alias, int min, int max, string description, string helpName) => new(name, alias)
    {
        Description = description,
        HelpName = helpName,
        CustomParser = result =>
        {
            var text = result.Tokens[0].Value;
            if (int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var value) && value >= min && value <= max) return value;
            result.AddError(string.Create(CultureInfo.InvariantCulture, $"{name} is '{text}' but must be a whole number from {min} to {max}."));
            return 0;
        },
    };

    public static Option<string[]> Conf() => new("--conf")
    {
        Description = "A setting; may be repeated.",
        HelpName = "KEY=VALUE",
        AllowMultipleArgumentsPerToken = false,
    };

    public static Option<string?> PropertiesFile() => new("--properties-file")
    {
        Description = "File of settings, a line each, such as 'spark.worker.timeout 4s'. A setting of --conf takes precedence.",
        HelpName = "FILE",
    };

    /// <summary>Reads the settings of a properties file and of <c>--conf</c>.</summary>
    /// <exception cref="UsageException">A value is not a key, an equals sign and a value.</exception>
    /// <exception cref="SparkException">The file cannot be read.</exception>
    public static SparkConf Read(string? propertiesFile, string[]? settings)
    {
        var conf = new SparkConf(loadDefaults: false);
        if (propertiesFile is not null) ApplyFile(conf, propertiesFile);
        return Apply(conf, settings);
    }

    /// <summary>Adds the settings of a properties file, and reports a line without effect.</summary>
    /// <exception cref="SparkException">The file cannot be read.</exception>
    public static void ApplyFile(SparkConf conf, string file)
    {
        var (settings, ignored) = Deploy.Submission.PropertiesFile.Read(file);
        if (ignored.Count > 0) CliErrors.Say($"'{ignored[0]}' in '{file}' is not a key of a setting, since it does not begin with 'spark.': it has no effect.");
        conf.SetAll(settings);
    }

    /// <summary>Parses the values of <c>--conf</c> into a configuration.</summary>
    /// <exception cref="UsageException">A value is not a key, an equals sign and a value.</exception>
    public static SparkConf Apply(SparkConf conf, string[]? settings)
    {
        foreach (var setting in settings ?? [])
        {
            var equals = setting.IndexOf('=', StringComparison.Ordinal);
            if (equals < 1) throw new UsageException($"--conf is '{setting}' but must be a key, an equals sign and a value, such as 'spark.cores.max=4'.");
            conf.Set(setting[..equals].Trim(), setting[(equals + 1)..]);
        }

        return conf;
    }
}
