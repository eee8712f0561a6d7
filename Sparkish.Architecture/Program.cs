using Sparkish.Architecture;

// Without an argument the page of this checkout is rewritten.
var page = args is [var given] ? given : FindPage();
try
{
    File.WriteAllText(page, ArchitecturePage.Rewrite(File.ReadAllText(page)));
    Console.WriteLine($"Wrote the folders of {Floors.Assemblies.Count} assemblies into {page}.");
    return 0;
}
catch (Exception error) when (error is IOException or InvalidDataException)
{
    Console.Error.WriteLine(error.Message);
    return 1;
}

static string FindPage()
{
    for (var directory = new DirectoryInfo(AppContext.BaseDirectory); directory is not null; directory = directory.Parent)
    {
        var page = Path.Combine(directory.FullName, "docs", "architecture.md");
        if (File.Exists(page)) return page;
    }

    throw new FileNotFoundException($"No directory above {AppContext.BaseDirectory} holds docs/architecture.md.");
}
