using System.Reflection;
using Sparkish.Diagnostics;

namespace Sparkish.Configuration;

/// <summary>Creates an object of the type that a key names: a plug-in of the user.</summary>
internal static class PluginType
{
    /// <summary>Creates the plug-in of a key.</summary>
    /// <typeparam name="T">The class or interface of the plug-in.</typeparam>
    /// <param name="key">The key, for the message of an error.</param>
    /// <param name="value">
    /// Its value: <c>Namespace.Type, Assembly</c>. The assembly is one that the program references, one beside it, or the path of a <c>.dll</c>.
    /// </param>
    /// <param name="shortNames">The short names that are valid instead.</param>
    /// <exception cref="SparkException">The value is not a usable type; the message gives the reason and advice.</exception>
    public static T Create<T>(string key, string value, params string[] shortNames) where T : class
    {
        var type = Find(key, value.Trim(), shortNames);
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

    private static Type Find(string key, string value, string[] shortNames)
    {
        var comma = value.IndexOf(',', StringComparison.Ordinal);
        if (comma <= 0 || comma == value.Length - 1)
        {
            var choice = shortNames.Length == 0
                ? "it does not name a type"
                : $"it is neither {string.Join(" nor ", shortNames.Select(static name => $"'{name}'"))} nor a type";
            throw Invalid(key, value, $"{choice}: write a type as 'Namespace.Type, Assembly' or 'Namespace.Type, /path/to/Assembly.dll'");
        }

        var (typeName, assemblyName) = (value[..comma].Trim(), value[(comma + 1)..].Trim());
        try
        {
            return Load(assemblyName).GetType(typeName)
                ?? throw Invalid(key, value, $"assembly {assemblyName} has no type {typeName}: check the name, which includes the namespace");
        }
        catch (Exception error) when (error is IOException or BadImageFormatException or ArgumentException or TypeLoadException)
        {
            throw Invalid(key, value,
                $"assembly {assemblyName} cannot be loaded: put it and what it needs beside the program on every node ({error.Message})", error);
        }
    }

    /// <summary>Loads an assembly that the program references, or one that is beside it or elsewhere.</summary>
    private static Assembly Load(string name)
    {
        if (name.EndsWith(".dll", StringComparison.OrdinalIgnoreCase)) return Assembly.LoadFrom(Path.GetFullPath(name));
        try
        {
            return Assembly.Load(new AssemblyName(name));
        }
        catch (FileNotFoundException) when (FileBesideProgram(name) is { } file)
        {
            return Assembly.LoadFrom(file);
        }
    }

    private static string? FileBesideProgram(string name)
    {
        var file = Path.Combine(AppContext.BaseDirectory, new AssemblyName(name).Name + ".dll");
        return File.Exists(file) ? file : null;
    }

    private static SparkException Invalid(string key, string value, string reason, Exception? cause = null) => new($"{key} is '{value}', but {reason}.", cause);
}
