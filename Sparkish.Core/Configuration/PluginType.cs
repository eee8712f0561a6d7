using System.Reflection;
using System.Runtime.CompilerServices;
using Sparkish.Diagnostics;

namespace Sparkish.Configuration;

/// <summary>Creates an object of the type that a key names: a plug-in of the user.</summary>
internal static class PluginType
{
    private static readonly Dictionary<string, string> NoShortNames = [];

    /// <summary>Creates the plug-in of a key.</summary>
    /// <typeparam name="T">The class or interface of the plug-in.</typeparam>
    /// <param name="conf">The settings: the key's value, and <c>spark.plugins.directory</c>.</param>
    /// <param name="entry">
    /// The key. Its value is <c>Namespace.Type, Assembly</c>. The assembly is one that the program references, one beside it or in the directory of plug-ins,
    /// or the path of a <c>.dll</c>.
    /// </param>
    /// <param name="shortNames">The short names that are valid instead, and what they stand for.</param>
    /// <exception cref="SparkException">The value is not a usable type; the message gives the reason and advice.</exception>
    public static T Create<T>(SparkConf conf, ConfigEntry<string> entry, IReadOnlyDictionary<string, string>? shortNames = null) where T : class
    {
        var (key, value) = (entry.Key, conf.Get(entry).Trim());
        var type = Find(conf, key, value, shortNames ?? NoShortNames);
        if (!type.IsVisible) throw Invalid(key, value, $"{type} is not public: make it and the types around it public");
        if (!typeof(T).IsAssignableFrom(type)) throw Invalid(key, value, $"{type} does not derive from or implement {typeof(T).Name}: name a type that does");
        if (type.IsAbstract || type.ContainsGenericParameters)
            throw Invalid(key, value, $"{type} cannot be instantiated: name a class that is neither abstract nor generic");
        if (type.GetConstructor(Type.EmptyTypes) is not { } constructor)
            throw Invalid(key, value, $"{type} has no public constructor without parameters: add one");
        try
        {
            return (T)constructor.Invoke(null);
        }
        catch (TargetInvocationException error)
        {
            throw Invalid(key, value, $"the constructor of {type} failed: {ExceptionText.MessageOf(error.InnerException!)}", error.InnerException);
        }
    }

    private static Type Find(SparkConf conf, string key, string value, IReadOnlyDictionary<string, string> shortNames)
    {
        var fullName = shortNames.GetValueOrDefault(value, value);
        var comma = fullName.IndexOf(',', StringComparison.Ordinal);
        if (comma <= 0 || comma == fullName.Length - 1)
        {
            var choice = shortNames.Count == 0
                ? "it does not name a type"
                : $"it is neither {string.Join(" nor ", shortNames.Keys.Select(static name => $"'{name}'"))} nor a type";
            throw Invalid(key, value, $"{choice}: write a type as 'Namespace.Type, Assembly' or 'Namespace.Type, /path/to/Assembly.dll'");
        }

        var (typeName, assemblyName) = (fullName[..comma].Trim(), fullName[(comma + 1)..].Trim());
        try
        {
            var assembly = Load(assemblyName, PluginDirectory.From(conf)) ?? throw Invalid(key, value, WhyMissing(assemblyName, PluginDirectory.From(conf)));
            if (WhyOfAnotherBuild(assembly) is { } problem) throw Invalid(key, value, problem);
            return assembly.GetType(typeName)
                ?? throw Invalid(key, value, $"assembly {assemblyName} has no type {typeName}: check the name, which includes the namespace");
        }
        catch (Exception error) when (error is IOException or BadImageFormatException or ArgumentException or TypeLoadException)
        {
            throw Invalid(key, value,
                $"assembly {assemblyName} cannot be loaded: put it and what it needs beside the program on every node ({error.Message})", error);
        }
    }

    /// <summary>Loads an assembly that the program references, or one that is beside it or elsewhere; null if there is none.</summary>
    private static Assembly? Load(string name, PluginDirectory? plugins)
    {
        if (name.EndsWith(".dll", StringComparison.OrdinalIgnoreCase)) return Assembly.LoadFrom(Path.GetFullPath(name));
        var simple = new AssemblyName(name);
        try
        {
            return Assembly.Load(simple);
        }
        catch (FileNotFoundException)
        {
            return FileBesideProgram(simple.Name!) is { } file ? Assembly.LoadFrom(file) : plugins?.Load(simple.Name!);
        }
    }

    private static string? FileBesideProgram(string name)
    {
        var file = Path.Combine(AppContext.BaseDirectory, name + ".dll");
        return File.Exists(file) ? file : null;
    }

    private static string WhyMissing(string assembly, PluginDirectory? plugins) => plugins is null
        ? $"assembly {assembly} cannot be loaded: it is not part of the program. Reference its package, or publish a project that does and set "
            + $"{CoreKeys.PluginDirectory.Key} to the output, on every node"
        : $"assembly {assembly} cannot be loaded: it is neither part of the program nor in {CoreKeys.PluginDirectory.Key} ('{plugins.FullPath}'). "
            + "Publish a project that references its package into that directory, on every node";

    /// <summary>The reason why a part of Sparkish does not fit this one: parts use what is internal to others, so all must be of one build.</summary>
    private static string? WhyOfAnotherBuild(Assembly assembly)
    {
        var core = typeof(PluginType).Assembly;
        var isPart = core.GetCustomAttributes<InternalsVisibleToAttribute>().Any(friend => friend.AssemblyName == assembly.GetName().Name);
        return isPart && VersionOf(assembly) is var version && version != VersionOf(core)
            ? $"assembly {assembly.GetName().Name} is of version {version}, and this program of {VersionOf(core)}: use the same one"
            : null;
    }

    private static string? VersionOf(Assembly assembly) => assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()?.InformationalVersion;

    private static SparkException Invalid(string key, string value, string reason, Exception? cause = null) => new($"{key} is '{value}', but {reason}.", cause);
}
