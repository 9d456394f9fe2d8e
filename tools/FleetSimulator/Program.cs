Console.WriteLine("fleet");
